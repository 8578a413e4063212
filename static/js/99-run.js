enhance(document);
