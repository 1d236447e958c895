package org.convzoo.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The bytes are those of TensorBoard's own RecordWriter and Event messages. */
class EventLogTest {
    @Test
    void bytesAreTensorBoards() {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss/train", 0.1);
        values.put("top1/test", 0.975);
        assertThat(HexFormat.of().formatHex(EventLog.version(1700000000.25)))
                .isEqualTo("1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9");
        assertThat(HexFormat.of().formatHex(EventLog.scalars(1700000001.5, 300, values)))
                .isEqualTo("33000000000000000ca720560900006040fc54d94110ac022a250a110a0a6c6f73732f74726169"
                        + "6e15cdcccc3d0a100a09746f70312f74657374159a99793f000bbf8b");
    }
}
