package org.convzoo.view;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/** An image to draw on, white at first. Texts are in the machine's sans-serif font, and cut off where they are too long. */
final class Canvas {
    private final BufferedImage image;
    private final Graphics2D graphics;

    Canvas(int width, int height, int letters) {
        image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, letters));
        rectangle(0, 0, width, height, Color.WHITE);
    }

    /** How wide the text is in letters of that size. */
    static int wide(String text, int letters) {
        return new Canvas(1, 1, letters).wide(text);
    }

    private int wide(String text) {
        return graphics.getFontMetrics().stringWidth(text);
    }

    void rectangle(int x, int y, int width, int height, Color colour) {
        graphics.setColor(colour);
        graphics.fillRect(x, y, width, height);
    }

    void picture(BufferedImage picture, int x, int y, int width, int height) {
        graphics.drawImage(picture, x, y, width, height, null);
    }

    /** Text that begins at {@code x} and whose middle is at height {@code y}. */
    void text(String text, int x, int y, int room, Color colour) {
        graphics.setColor(colour);
        graphics.drawString(cut(text, room), x, base(y));
    }

    /** Text that ends at {@code x}. */
    void textBefore(String text, int x, int y, int room, Color colour) {
        String cut = cut(text, room);
        text(cut, x - wide(cut), y, room, colour);
    }

    /** Text around {@code x}. */
    void textAround(String text, int x, int y, int room, Color colour) {
        String cut = cut(text, room);
        text(cut, x - wide(cut) / 2, y, room, colour);
    }

    /** Text that goes upwards from {@code y}, its middle at {@code x}. */
    void textUpwards(String text, int x, int y, int room, Color colour) {
        graphics.rotate(-Math.PI / 2, x, y);
        text(text, x, y, room, colour);
        graphics.rotate(Math.PI / 2, x, y);
    }

    private int base(int y) {
        return y
                + (graphics.getFontMetrics().getAscent()
                                - graphics.getFontMetrics().getDescent())
                        / 2;
    }

    private String cut(String text, int room) {
        if (wide(text) <= room) return text;
        int letters = text.length();
        while (letters > 0 && wide(text.substring(0, letters) + "…") > room) letters--;
        return text.substring(0, letters) + "…";
    }

    BufferedImage image() {
        graphics.dispose();
        return image;
    }
}
