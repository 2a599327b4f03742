"""`python -m pitwall.adapters.installation`: write `.pitwall/code.json` of the project that we are in, by the package at hand.

`pitwall reproduce` calls it in a scratch copy that runs another version: each version writes the file that its own stages check.
"""

from pitwall.adapters.installation.code_file import write_code_file
from pitwall.domain.project import find_project

if __name__ == "__main__":
    write_code_file(find_project())
