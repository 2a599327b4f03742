"""Models that travel between people: bundles, packed and signed here, verified before a byte of them is read there (docs/hub.md).

What pages and commands call, all with `by: Owner` where it matters who asks:
`publishing.publish`; `market.download`, `market.standings` (all that were taken), `market.top` (of this week), `market.rate`;
`verifying.verify.verify` (the four steps again, then its model trained again: the badge that `market.standing` and `standings` have);
`forking.fork` (a new order, with where it comes from);
`shelf.find` (NAME, NAME@VERSION, a hash), `shelf.versions` (of one name), `shelf.preview` (card and sample), `shelf.verify_again`;
`withdrawing.withdraw`; `exporting.export` (static pages); `market.origin` (what a fork came from, or that it is gone);
`desk.sharing.share` and `given`, `desk.waiting` (each bundle in quarantine) for pages;
`receiving.refused` (what stays in quarantine); `trust.own_key`, `trust.trust`, `trust.trusted`, `trust.distrust`.
"""
