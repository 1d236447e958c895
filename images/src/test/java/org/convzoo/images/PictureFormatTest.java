package org.convzoo.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PictureFormatTest {
    private static PictureFormat content(String bytes) {
        return PictureFormat.ofContent(bytes.getBytes(StandardCharsets.ISO_8859_1))
                .orElseThrow();
    }

    @Test
    void aNameSaysWhatAFileIsMeantToBe() {
        for (String name : "a.jpg a.JPEG a.jpe a.jfif a.png a.webp a.bmp a.Gif a.tif .x.tiff".split(" "))
            assertThat(PictureFormat.ofName(name).map(PictureFormat::isRead))
                    .as(name)
                    .contains(true);
        for (String name : "a.heic a.HEIF a.avif a.jxl a.svg a.cr2 a.NEF a.dng a.psd".split(" "))
            assertThat(PictureFormat.ofName(name).map(PictureFormat::isRead))
                    .as(name)
                    .contains(false);
        for (String name : "a.txt png jpg a. a.png.txt Thumbs.db".split(" "))
            assertThat(PictureFormat.ofName(name)).as(name).isEmpty();
    }

    @Test
    void aTurkishLocaleChangesNoName() {
        Locale usual = Locale.getDefault();
        try {
            Locale.setDefault(new Locale("tr", "TR"));
            assertThat(Stream.of("A.TIF", "A.GIF", "A.HEIC").map(PictureFormat::ofName))
                    .doesNotContain(Optional.empty());
        } finally {
            Locale.setDefault(usual);
        }
    }

    @Test
    void theContentSaysWhatAFileIs() {
        assertThat(content("\u00FF\u00D8\u00FF\u00E0")).isEqualTo(PictureFormat.JPEG);
        assertThat(content("RIFF1234WEBPVP8 ")).isEqualTo(PictureFormat.WEBP);
        assertThat(content("II*\0\b\0\0\0CR\2\0")).isEqualTo(PictureFormat.RAW);
        assertThat(content("II*\0\b\0\0\0\1\0")).isEqualTo(PictureFormat.TIFF);
        assertThat(content("\0\0\0\u0018ftypheic\0\0\0\0mif1heic")).isEqualTo(PictureFormat.HEIC);
        assertThat(content("\0\0\0\u001Cftypmif1\0\0\0\0mif1avifmiaf")).isEqualTo(PictureFormat.AVIF);
        assertThat(content("\0\0\0\u0018ftypcrx \0\0\0\0crx isom")).isEqualTo(PictureFormat.RAW);
        assertThat(content("<?xml version='1.0'?>\n<svg/>")).isEqualTo(PictureFormat.SVG);
        assertThat(content("%PDF-1.7")).isEqualTo(PictureFormat.PDF);
    }

    @Test
    void whatIsNoPictureIsNone() {
        for (String bytes : new String[] {
            "", "BM", "BMI of all patients, by year", "RIFF1234WAVE", "\0\0\0\u0018ftypisom\0\0\0\0isommp42", "<html>"
        })
            assertThat(PictureFormat.ofContent(bytes.getBytes(StandardCharsets.ISO_8859_1)))
                    .as(bytes)
                    .isEmpty();
    }
}
