"""Parts of how a forecast is shown: the words of its answers, and the reasons for them."""
