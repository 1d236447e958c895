package org.convzoo.images;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.convzoo.fuzz.Mutants;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutants of tables and archives: read or refused in one line. */
class ListedFuzzTest {
    private static final Mutants.Limits LIMITS = new Mutants.Limits(Duration.ofSeconds(30), 1 << 26);

    @TempDir
    Path directory;

    @Test
    void some() throws Exception {
        run(400);
    }

    @Test
    @Tag("thorough")
    void many() throws Exception {
        run(20_000);
    }

    private void run(int count) throws Exception {
        byte[] plain = "path,label,split\na.png,x,train\nb/c.png,y,test\n".getBytes(StandardCharsets.UTF_8);
        byte[] quoted = "\uFEFFlabel;path\r\n\"\u00e9 \"\"\";\"a\nb.png\"\r\n"
                .replace("\nb", "b")
                .getBytes(StandardCharsets.UTF_8);
        new Mutants("csv", List.of(plain, quoted)).run(directory, count, LIMITS, Table::read);
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        ListedTest.member(tar, "x", 'x', "17 path=k/0.json\n".getBytes(StandardCharsets.UTF_8));
        ListedTest.member(tar, "y", '0', "{\"label\": 9}".getBytes(StandardCharsets.UTF_8));
        ListedTest.member(tar, "././@LongLink", 'L', "k/0.png\0".getBytes(StandardCharsets.UTF_8));
        ListedTest.member(tar, "z", '0', new byte[600]);
        ListedTest.member(tar, "k/1.jpg", '0', new byte[3]);
        ListedTest.member(tar, "k/1.cls", '0', "4".getBytes(StandardCharsets.UTF_8));
        byte[] whole = Arrays.copyOf(tar.toByteArray(), tar.size() + 1024);
        new Mutants("tar", List.of(whole)).run(directory, count, LIMITS, file -> Shards.read(file.toString()));
    }
}
