"""The pages, a file each (or a page and what belongs to it). Every file has a `ROUTER`; no list names them."""
