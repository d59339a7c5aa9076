package io.limiter.server.access.file;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SecretsFileTest {
  private static final String GOOD = "s".repeat(32);
  private static final String REMEDY =
      "; write a line of 32 or more random characters into it, as by: openssl rand -base64 32";

  @TempDir Path folder;

  private static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of("", "holds no secret"),
        Arguments.of("# a comment\n\n   \n", "holds no secret"),
        Arguments.of("visible", "holds a secret of 7 characters, less than 32"),
        Arguments.of(GOOD + "\n  visible  \n", "holds a secret of 7 characters, less than 32"),
        Arguments.of((GOOD + "\n").repeat(5), "holds 5 secrets, more than 4"),
        Arguments.of("s".repeat((64 << 10) + 1), "has more than 65536 bytes"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistake_isNamedWithItsRemedy_andNoSecret(String text, String wrong) throws IOException {
    Path file = Files.writeString(folder.resolve("secrets"), text);
    assertEquals("the file of secrets " + file + " " + wrong + REMEDY, said(file));
    assertFalse(said(file).contains("visible"));
  }

  @Test
  void whatIsNoFileOfText_isSaidToBe() throws IOException {
    Path nowhere = folder.resolve("nowhere");
    assertEquals("the file of secrets " + nowhere + " is not there" + REMEDY, said(nowhere));
    assertEquals(
        "the file of secrets " + folder + " cannot be read (Is a directory)" + REMEDY,
        said(folder));
    Path binary = Files.write(folder.resolve("b"), new byte[] {(byte) 0xC3, 0x28});
    assertEquals("the file of secrets " + binary + " is not text" + REMEDY, said(binary));
  }

  @Test
  void comments_blanksAndOtherEndsOfLines_areTaken() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("secrets"),
            "# now\r\n  " + GOOD + "  \r\n\r\n# before\r\n" + GOOD + "2");
    assertDoesNotThrow(() -> SecretsFile.read(file));
  }

  private static String said(Path file) {
    return String.valueOf(
        assertThrows(IOException.class, () -> SecretsFile.read(file)).getMessage());
  }
}
