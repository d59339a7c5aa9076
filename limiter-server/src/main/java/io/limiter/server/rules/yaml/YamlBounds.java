package io.limiter.server.rules.yaml;

import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;

/**
 * What one YAML file may take.
 *
 * @param heapBytes the most heap for its tree
 * @param besideBytes what else of the heap rules take already
 */
public record YamlBounds(long heapBytes, long besideBytes) {
  /** The most bytes of a file: 16 Mi. */
  public static final int MOST_BYTES = 16 << 20;

  /** The most values in a file, each alias counting as all it stands for. */
  static final int MOST_VALUES = 2_000_000;

  /** The most aliases in a file. */
  static final int MOST_ALIASES = 10_000;

  /** The longest single value, in UTF-16 units. */
  static final int LONGEST_SCALAR = 1 << 16;

  /** The deepest nesting; rules need 7. */
  static final int DEEPEST = 32;

  /** The deepest nesting of descriptors: two for each entry that a request may have. */
  static final int DEEPEST_LENIENT = 160;

  /** About what a value takes in the tree, with its place, beside its text; measured. */
  public static final int NODE_BYTES = 136;

  /** Bounds that only what is built later can pass. */
  public static final YamlBounds WIDE = new YamlBounds(Long.MAX_VALUE, 0);

  /** A heap, in trees of the file, in which its tree and two tables made of it find room. */
  private static final int TREES = 3;

  private static final int MIB = 1 << 20;
  private static final int MIB_FOR_TRAFFIC = 96;

  /** What of one file has come so far. Not safe to share between threads. */
  static final class Count {
    private final YamlBounds bounds;
    private final int fileLength;
    private final Problems problems;
    private long values;
    private int aliases;
    private long bytes;
    private Optional<Mark> deep = Optional.empty();

    Count(YamlBounds bounds, int fileLength, Problems problems) {
      this.bounds = bounds;
      this.fileLength = fileLength;
      this.problems = problems;
    }

    /** Counts a value; false after adding to the problems. */
    boolean node(int textLength, Optional<Mark> at) {
      bytes += NODE_BYTES + textLength;
      return values(1, at) && fits(at);
    }

    /** Counts an alias of so many values. */
    boolean alias(long aliased, Optional<Mark> at) {
      if (++aliases > MOST_ALIASES) {
        problems.add(
            at,
            "the file has more than %d aliases; write the values out, or use several domains"
                .formatted(MOST_ALIASES));
        return false;
      }
      return values(aliased, at);
    }

    private boolean values(long more, Optional<Mark> at) {
      values += more;
      if (values > MOST_VALUES) {
        problems.add(
            at,
            "the file has more than %d values, aliases followed; use fewer aliases or several domains"
                .formatted(MOST_VALUES));
        return false;
      }
      return true;
    }

    private boolean fits(Optional<Mark> at) {
      if (bytes <= bounds.heapBytes) {
        return true;
      }
      int read = Math.max(1, at.map(Mark::getIndex).orElse(fileLength));
      long whole = Math.max(bytes, bytes / read * fileLength);
      problems.add(
          at,
          "the file needs about %d MiB of heap to be read, and %d MiB are free; remove some of it, or start java with -Xmx%dm or more"
              .formatted(
                  mebibytes(whole),
                  bounds.heapBytes / MIB,
                  mebibytes(TREES * whole + bounds.besideBytes) + MIB_FOR_TRAFFIC));
      return false;
    }

    boolean scalar(int length, Optional<Mark> at) {
      if (length > LONGEST_SCALAR) {
        problems.add(
            at, "a value has %d characters; use at most %d".formatted(length, LONGEST_SCALAR));
        return false;
      }
      return true;
    }

    /** Remembers what only some files may have; false after adding to the problems. */
    boolean depth(int depth, Optional<Mark> at) {
      if (depth <= DEEPEST) {
        return true;
      }
      if (depth > DEEPEST_LENIENT && depth < Integer.MAX_VALUE) {
        problems.add(
            at,
            "nested more than %d deep; no request has so many entries".formatted(DEEPEST_LENIENT));
        return false;
      }
      deep = deep.isPresent() ? deep : at;
      return depth < Integer.MAX_VALUE || isFlat();
    }

    /** Whether nothing is deeper than rules may be; false after adding to the problems. */
    boolean isFlat() {
      deep.ifPresent(
          mark -> problems.add(deep, "nested more than %d deep; rules need 7".formatted(DEEPEST)));
      return deep.isEmpty();
    }
  }

  private static long mebibytes(long bytes) {
    return (bytes + MIB - 1) / MIB;
  }
}
