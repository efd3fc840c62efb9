"""What every feature stands on: threads, stores, permissions, languages, errors, background jobs. Knows no feature."""
