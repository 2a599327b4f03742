"""The lab's script: `python scripts/compare_experiments.py EXPERIMENT`, `EXPERIMENT plot METRIC RUN...`, or `--list`."""

from pitwall.cli.machinery.lab import main

if __name__ == "__main__":
    main()
