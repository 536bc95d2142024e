"""A DAG as a picture: layers, places, and the SVG that is drawn from them."""
