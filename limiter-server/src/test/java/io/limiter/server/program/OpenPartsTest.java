package io.limiter.server.program;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenPartsTest {
  @Test
  void whatWasOpenedFirst_isClosedLast_alsoIfAPartFails() {
    OpenParts parts = new OpenParts();
    List<String> closed = new ArrayList<>();
    assertEquals("store", parts.keep("store", "store", closed::add));
    parts.keep(
        "cache",
        "cache",
        part -> {
          throw new IllegalStateException("broken");
        });
    parts.keep("port", "port", closed::add);
    parts.close();
    parts.close();
    assertEquals(List.of("port", "store"), closed);
  }
}
