package org.convzoo.cost;

/** The four guidelines for fast networks of ShuffleNetV2, Ma et al. 2018 (1807.11164), section 2. */
public enum Guideline {
    G1("equal channel widths move the fewest bytes"),
    G2("many groups move more bytes for the same work"),
    G3("many small operations side by side keep a parallel machine idle"),
    G4("element-wise operations take time, though they multiply nothing");

    private final String text;

    Guideline(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
