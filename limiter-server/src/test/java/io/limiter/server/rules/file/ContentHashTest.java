package io.limiter.server.rules.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContentHashTest {
  /** As printf 'one' | sha256sum. */
  private static final String ONE =
      "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";

  private static final String TWO =
      "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3";

  @Test
  void aFile_isHashedAsSha256sumDoes() {
    assertEquals(ONE, ContentHash.of("one".getBytes(StandardCharsets.UTF_8)));
  }

  /** As printf 'one' > a.yaml; printf 'two' > b.yaml; sha256sum a.yaml b.yaml | sha256sum. */
  @Test
  void files_areHashedAsTheOutputOfSha256sum_inTheOrderOfTheirNames() {
    ContentHash.Named a = new ContentHash.Named("a.yaml", ONE);
    ContentHash.Named b = new ContentHash.Named("b.yaml", TWO);
    String expected = "525366fa60df8b9f263a7cf1a0806c223928d121da9cbd993d6b1d0e8500ff66";
    assertEquals(expected, ContentHash.of(List.of(a, b)));
    assertEquals(expected, ContentHash.of(List.of(b, a)));
  }
}
