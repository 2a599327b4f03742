"""How results are written for people: documents as pages and Markdown, figures, intervals and verdicts in words. It computes none."""
