"""A race while it is driven: followed, published for those who ask a server, entered into the track record, looked at again."""
