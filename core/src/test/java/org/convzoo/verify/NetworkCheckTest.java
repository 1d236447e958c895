package org.convzoo.verify;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.convzoo.engine.PlainEngine;
import org.junit.jupiter.api.Test;

class NetworkCheckTest {
    @Test
    void x() throws Exception {
        for (String f : System.getProperty("files", "lenet-1x32x32-10,lenet-3x32x32-10,densenet121-3x224x224-1000")
                .split(",")) {
            var n = new ObjectMapper()
                    .readTree(Path.of("src/test/resources/reference/" + f + ".json")
                            .toFile());
            long t = System.nanoTime();
            for (Finding i : NetworkCheck.check(n, new PlainEngine()))
                System.out.println(i.ok() + " " + i.text() + " " + (System.nanoTime() - t) / 1e9);
        }
    }
}
