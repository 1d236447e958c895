package org.convzoo.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.convzoo.failure.WrongUseException;
import org.convzoo.system.AtomicFile;
import org.convzoo.train.Csv;

/** A format for the features of pictures, a row each. */
enum FeatureFormat {
    /** The picture's name and the values, below a line with the names of the columns. */
    CSV {
        private static final Csv<Named> NAMES = Csv.of(Named.class);

        @Override
        void begin(FileChannel file, int features) throws IOException {
            StringBuilder line = new StringBuilder(NAMES.header());
            for (int k = 0; k < features; k++) line.append(",f").append(k);
            write(file, line);
        }

        @Override
        void add(FileChannel file, String picture, float[] features) throws IOException {
            StringBuilder line = new StringBuilder(NAMES.line(new Named(picture)));
            for (float f : features) line.append(',').append(f);
            write(file, line);
        }

        private void write(FileChannel file, StringBuilder line) throws IOException {
            byte[] bytes = line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
            AtomicFile.writeFully(file, ByteBuffer.wrap(bytes));
        }

        @Override
        void end(FileChannel file, int pictures, int features) {
            // All is there.
        }
    },

    /** NumPy's, version 1.0: an array {@code [pictures, features]} of float32, without names. */
    NPY {
        /** The bytes before the values: a multiple of 64, and enough for any shape. */
        private static final int HEADER = 128;

        @Override
        void begin(FileChannel file, int features) throws IOException {
            file.position(HEADER); // how many pictures can be read is known at the end
        }

        @Override
        void add(FileChannel file, String picture, float[] features) throws IOException {
            ByteBuffer row = ByteBuffer.allocate(features.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            row.asFloatBuffer().put(features);
            AtomicFile.writeFully(file, row);
        }

        @Override
        void end(FileChannel file, int pictures, int features) throws IOException {
            String dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + pictures + ", " + features + "), }";
            ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
            header.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
            header.put((byte) 1).put((byte) 0).putShort((short) (HEADER - 10));
            header.put(dict.getBytes(StandardCharsets.US_ASCII));
            while (header.remaining() > 1) header.put((byte) ' ');
            header.put((byte) '\n').flip();
            file.position(0);
            AtomicFile.writeFully(file, header);
        }
    };

    private record Named(String name) {}

    /** That of a file's ending. Throws {@link WrongUseException} for another. */
    static FeatureFormat of(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        for (FeatureFormat format : values()) if (name.endsWith(format.ending())) return format;
        throw new WrongUseException(file + ": features are written as .csv or as NumPy's .npy; end its name so");
    }

    String ending() {
        return "." + name().toLowerCase(Locale.ROOT);
    }

    abstract void begin(FileChannel file, int features) throws IOException;

    abstract void add(FileChannel file, String picture, float[] features) throws IOException;

    abstract void end(FileChannel file, int pictures, int features) throws IOException;
}
