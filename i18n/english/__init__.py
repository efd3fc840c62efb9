"""The English texts, by subject. `i18n.catalogue` joins them."""
