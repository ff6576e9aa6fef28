"""sqlopt in the pipelines of GitHub and GitLab: one comment, annotations, outputs."""
