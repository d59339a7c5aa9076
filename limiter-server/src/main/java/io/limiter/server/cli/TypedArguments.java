package io.limiter.server.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command line to the letter. Java reads it in the encoding of the locale, and puts the same
 * sign in place of every letter that the locale lacks. Then two users would share one counter. So
 * this takes the bytes that were typed, where the system shows them, and reads UTF-8. What it
 * cannot read for sure it refuses.
 *
 * @param arguments as they were typed
 * @param problems what cannot be read, for people; then {@code arguments} are not to be used
 */
record TypedArguments(List<String> arguments, List<String> problems) {
  private static final Path BYTES = Path.of("/proc/self/cmdline");
  private static final String REPLACEMENT = "\uFFFD";

  TypedArguments {
    arguments = List.copyOf(arguments);
    problems = List.copyOf(problems);
  }

  /**
   * The arguments of this process.
   *
   * @param decoded as Java read them
   * @param environment whose variables stand for options, as Java read it
   */
  static TypedArguments of(List<String> decoded, Map<String, String> environment) {
    TypedArguments typed = of(decoded, bytes(decoded), locale());
    List<String> problems = new ArrayList<>(typed.problems);
    environment.forEach(
        (name, value) -> {
          if (name.startsWith("LIMITER_") && value.contains(REPLACEMENT)) {
            problems.add(unreadable(name, value));
          }
        });
    return new TypedArguments(typed.arguments, problems);
  }

  /**
   * The arguments as they were typed.
   *
   * @param bytes of the same arguments; empty where the system does not show them
   * @param locale the encoding in which Java read them
   */
  static TypedArguments of(List<String> decoded, Optional<List<byte[]>> bytes, Charset locale) {
    List<String> arguments = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < decoded.size(); i++) {
      String argument = decoded.get(i);
      Optional<String> exact =
          bytes.isPresent()
              ? exact(argument, bytes.get().get(i), locale)
              : Optional.of(argument).filter(text -> !text.contains(REPLACEMENT));
      if (exact.isEmpty()) {
        String shown = bytes.isPresent() ? shown(bytes.get().get(i)) : argument;
        problems.add(unreadable("argument " + (i + 1), shown));
      }
      arguments.add(exact.orElse(""));
    }
    return new TypedArguments(arguments, problems);
  }

  /** What Java read, if it lost nothing; else the bytes as UTF-8, if they are. */
  private static Optional<String> exact(String decoded, byte[] typed, Charset locale) {
    if (Arrays.equals(typed, decoded.getBytes(locale))) {
      return Optional.of(decoded);
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(typed)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  private static String unreadable(String name, String shown) {
    return "%s, \"%s\", is not UTF-8, so it could be taken for another value; write it in UTF-8"
        .formatted(name, shown);
  }

  /** Bytes that are no printable ASCII as {@code \xE9}. */
  private static String shown(byte[] typed) {
    StringBuilder text = new StringBuilder();
    for (byte one : typed) {
      boolean printable = one >= ' ' && one < 0x7F && one != '\\';
      text.append(printable ? Character.toString(one) : "\\x%02X".formatted(one & 0xFF));
    }
    return text.toString();
  }

  private static Charset locale() {
    try {
      return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    } catch (IllegalArgumentException e) {
      return StandardCharsets.UTF_8;
    }
  }

  /** The bytes of the arguments, which stand last on the command line of this process. */
  private static Optional<List<byte[]>> bytes(List<String> decoded) {
    byte[] all;
    try {
      all = Files.readAllBytes(BYTES);
    } catch (IOException | SecurityException e) {
      return Optional.empty(); // Only Linux has it.
    }
    List<byte[]> words = new ArrayList<>();
    int start = 0;
    for (int end = 0; end < all.length; end++) {
      if (all[end] == 0) {
        words.add(Arrays.copyOfRange(all, start, end));
        start = end + 1;
      }
    }
    if (words.size() <= decoded.size()) {
      return Optional.empty(); // Java took some of them from a file of arguments.
    }
    List<byte[]> last = words.subList(words.size() - decoded.size(), words.size());
    for (int i = 0; i < last.size(); i++) {
      if (isAscii(last.get(i))
          && !new String(last.get(i), StandardCharsets.US_ASCII).equals(decoded.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(last);
  }

  private static boolean isAscii(byte[] bytes) {
    for (byte one : bytes) {
      if (one < 0) {
        return false;
      }
    }
    return true;
  }
}
