package org.convzoo.verify;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.*;
import org.convzoo.engine.PlainEngine;
import org.junit.jupiter.api.Test;

class OperatorCheckTest {
    @Test
    void x() throws Exception {
        var ops = new ObjectMapper()
                .readTree(Path.of("/work/shared/reference/ops.json").toFile());
        for (Finding f : OperatorCheck.check(ops, new PlainEngine())) System.out.println(f.ok() + " " + f.text());
    }
}
