"""What a report says, whatever it is written as: blocks, documents, the text of numbers."""
