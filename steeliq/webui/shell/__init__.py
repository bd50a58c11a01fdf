"""What pages and launcher have in common: the question before closing, files that were opened with steeliq."""
