"""What several rules ask of a project: statements, sources, routes, targets, texts. No rule stands here."""
