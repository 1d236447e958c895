import java.awt.image.BufferedImage;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;

/**
 * Makes two sets of photos to measure recipes on: {@code java Sets.java CLOTHES DIGITS OUT}. {@code OUT/few} has three classes of 110, 40
 * and 15 of CLOTHES, a folder with {@code train} and {@code test}; {@code OUT/many} has a hundred classes, the numbers 00 to 99
 * from pairs of the digits in the IDX files of DIGITS, in colours, of 40 pictures for the first class down to 4 for the last.
 */
final class Sets {
    private static final int SIDE = 28, PAIRS_TO_TEST = 5;

    public static void main(String[] given) throws IOException {
        few(Path.of(given[0]), Path.of(given[2], "few"));
        many(Path.of(given[1]), Path.of(given[2], "many"));
    }

    private static void few(Path clothes, Path out) throws IOException {
        String[] classes = {"dress", "shirt", "shoes"};
        int[] photos = {110, 40, 15};
        for (int c = 0; c < classes.length; c++) {
            copy(clothes.resolve("train").resolve(classes[c]), out.resolve("train").resolve(classes[c]), photos[c]);
            copy(clothes.resolve("test").resolve(classes[c]), out.resolve("test").resolve(classes[c]), 110);
        }
    }

    private static void copy(Path from, Path to, int most) throws IOException {
        Files.createDirectories(to);
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(from)) {
            all.forEach(files::add);
        }
        files.sort(null);
        for (Path file : files.subList(0, Math.min(most, files.size()))) Files.copy(file, to.resolve(file.getFileName()));
    }

    private static void many(Path digits, Path out) throws IOException {
        List<List<byte[]>> train = images(digits, "train"), test = images(digits, "t10k");
        int[] nextOfTrain = new int[10], nextOfTest = new int[10];
        for (int number = 0; number < 100; number++) {
            int photos = (int) Math.round(40 * Math.pow(0.1, number / 99.0));
            draw(train, nextOfTrain, number, photos, out.resolve("train"));
            draw(test, nextOfTest, number, PAIRS_TO_TEST, out.resolve("test"));
        }
    }

    private static void draw(List<List<byte[]>> digits, int[] next, int number, int photos, Path out) throws IOException {
        Path folder = Files.createDirectories(out.resolve(String.format("%02d", number)));
        for (int i = 0; i < photos; i++) {
            BufferedImage picture = new BufferedImage(2 * SIDE, 2 * SIDE, BufferedImage.TYPE_INT_RGB);
            int paper = colour(number * 97 + i * 31), ink = ~paper;
            for (int half = 0; half < 2; half++) {
                int digit = half == 0 ? number / 10 : number % 10;
                byte[] pixels = digits.get(digit).get(next[digit]++ % digits.get(digit).size());
                for (int y = 0; y < 2 * SIDE; y++)
                    for (int x = 0; x < SIDE; x++) {
                        int row = y - SIDE / 2, share = row < 0 || row >= SIDE ? 0 : pixels[row * SIDE + x] & 255;
                        picture.setRGB(half * SIDE + x, y, mix(paper, ink, share));
                    }
            }
            ImageIO.write(picture, "png", folder.resolve(i + ".png").toFile());
        }
    }

    /** A colour whose channels all are far from the middle, so that ink of the opposite colour is seen. */
    private static int colour(int seed) {
        int colour = 0;
        for (int channel = 0; channel < 3; channel++) {
            int random = (seed + channel * 7919) * 0x9E3779B1 >>> 25;
            colour = colour << 8 | (random < 64 ? random : 128 + random);
        }
        return colour;
    }

    private static int mix(int paper, int ink, int share) {
        int mixed = 0;
        for (int shift = 16; shift >= 0; shift -= 8)
            mixed |= ((paper >> shift & 255) * (255 - share) + (ink >> shift & 255) * share) / 255 << shift;
        return mixed;
    }

    /** The digits of an IDX pair of files, by label. */
    private static List<List<byte[]>> images(Path folder, String name) throws IOException {
        try (DataInputStream images = open(folder.resolve(name + "-images-idx3-ubyte.gz"));
                DataInputStream labels = open(folder.resolve(name + "-labels-idx1-ubyte.gz"))) {
            images.skipNBytes(16);
            labels.skipNBytes(8);
            List<List<byte[]>> digits = new ArrayList<>();
            for (int d = 0; d < 10; d++) digits.add(new ArrayList<>());
            for (int label = labels.read(); label >= 0; label = labels.read())
                digits.get(label).add(images.readNBytes(SIDE * SIDE));
            return digits;
        }
    }

    private static DataInputStream open(Path file) throws IOException {
        InputStream bytes = new GZIPInputStream(Files.newInputStream(file));
        return new DataInputStream(bytes);
    }
}
