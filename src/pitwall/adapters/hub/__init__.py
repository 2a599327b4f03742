"""Keys and signatures of bundles, by the tools that make and check them; offline."""
