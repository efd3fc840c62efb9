"""The English texts: one class in each module, by subject.

`i18n.catalogue` joins the classes; other packages use `i18n.texts` and import nothing from here.
"""
