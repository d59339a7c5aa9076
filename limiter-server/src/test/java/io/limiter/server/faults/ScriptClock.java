package io.limiter.server.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.limiter.script.Scripts;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A host whose clock is ahead or behind: the scripts on their way to its Redis are given another
 * source of time. Nothing waits, and no clock of this host is touched.
 */
public final class ScriptClock {
  private static final String TIME = "local time = redis.call('TIME')";

  private final String shifted;

  /** By the SHA of each script, that of the script with this clock. */
  private final Map<String, String> shas;

  /** A clock that is so far ahead of the real one; behind it if that is negative. */
  public ScriptClock(Duration ahead) {
    shifted = TIME + " time[1] = time[1] + (" + ahead.toSeconds() + ")";
    shas =
        Scripts.STANDARD.all().stream()
            .collect(Collectors.toMap(Scripts.Script::sha, script -> sha(shift(script.source()))));
  }

  private String shift(String source) {
    return source.replace(TIME, shifted);
  }

  private static String sha(String source) {
    try {
      byte[] sha = MessageDigest.getInstance("SHA-1").digest(source.getBytes(ISO_8859_1));
      return HexFormat.of().formatHex(sha);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Reads one command as clients write it, and gives it with this clock; nothing at the end. */
  byte[] command(InputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      return new byte[0];
    }
    int words = number(in);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(("*" + words + "\r\n").getBytes(ISO_8859_1));
    for (int i = 0; i < words; i++) {
      in.read(); // $
      String word = new String(in.readNBytes(number(in)), ISO_8859_1);
      in.skipNBytes(2);
      String sent = Objects.requireNonNullElseGet(shas.get(word), () -> shift(word));
      out.writeBytes(("$" + sent.length() + "\r\n" + sent + "\r\n").getBytes(ISO_8859_1));
    }
    return out.toByteArray();
  }

  private static int number(InputStream in) throws IOException {
    StringBuilder digits = new StringBuilder();
    for (int read = in.read(); read != '\n'; read = in.read()) {
      if (read < 0) {
        throw new EOFException();
      }
      if (read != '\r') {
        digits.append((char) read);
      }
    }
    return Integer.parseInt(digits.toString());
  }
}
