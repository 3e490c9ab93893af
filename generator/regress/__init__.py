"""Template regression: every pair of a spec's options rendered, validated, checked and compared with snapshots."""
