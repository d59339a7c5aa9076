package io.limiter.server.cli.option;

import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.store.endpoint.RedisEndpoint;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What the options may be. Each message says the value, the bound and what to write. */
public final class OptionTypes {
  private OptionTypes() {}

  /** A TCP port; 0 for any free one. */
  public static final class Port implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      long port = number(text);
      if (port < 0 || port > 65_535) {
        throw bad(text, "a port", "use 1 to 65535, or 0 for any free one");
      }
      return (int) port;
    }
  }

  /** The number of a process, as Linux gives them. */
  public static final class ProcessId implements ITypeConverter<Long> {
    private static final long MOST = 1L << 22;

    @Override
    public Long convert(String text) {
      long process = number(text);
      if (process < 1 || process > MOST) {
        throw bad(text, "a process", "use 1 to " + MOST);
      }
      return process;
    }
  }

  /** An address of this machine. */
  public static final class Bind implements ITypeConverter<InetAddress> {
    @Override
    public InetAddress convert(String text) {
      try {
        return InetAddress.getAllByName(filled(text))[0];
      } catch (UnknownHostException e) {
        throw bad(text, "an address", "use 127.0.0.1, 0.0.0.0 for all, or one of this machine's");
      }
    }
  }

  /** Where Redis is. What is refused is not repeated: any part of it may be of a password. */
  public static final class Redis implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      try {
        RedisEndpoint unused = RedisEndpoint.parse(filled(text));
        return text;
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("the URI " + e.getMessage());
      }
    }
  }

  /** Any text but an empty one. */
  public static final class Text implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      return filled(text);
    }
  }

  /** A file or a directory. An empty path would be the folder that the program was started in. */
  public static final class File implements ITypeConverter<Path> {
    @Override
    public Path convert(String text) {
      try {
        return Path.of(filled(text));
      } catch (InvalidPathException e) {
        throw bad(text, "a path", "write for example /etc/limiter/rules");
      }
    }
  }

  /** How long a decision may take. */
  public static final class Deadline implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return duration(text, Duration.ofMillis(1), Duration.ofMinutes(1), "use 1ms to 1m");
    }
  }

  /** How long something is held; the rules say what is the most. */
  public static final class Hold implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return duration(text, Duration.ofMillis(1), Duration.ofDays(366), "use 1ms to 8784h");
    }
  }

  /** How long a denial stays cached. */
  public static final class CacheTime implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return duration(text, Duration.ZERO, Duration.ofMinutes(1), "use 0s to 1m");
    }
  }

  /** How often to look for changes. */
  public static final class Poll implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return duration(text, Duration.ofMillis(100), Duration.ofHours(1), "use 100ms to 1h");
    }
  }

  /** How long to wait for calls in flight. */
  public static final class Grace implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return duration(text, Duration.ZERO, Duration.ofMinutes(10), "use 0s to 10m");
    }
  }

  /** On or off. */
  public static final class Switch implements ITypeConverter<Boolean> {
    @Override
    public Boolean convert(String text) {
      return switch (text) {
        case "true" -> true;
        case "false" -> false;
        default -> throw bad(text, "a switch", "use true or false");
      };
    }
  }

  /** What becomes of questions about unknown domains. */
  public static final class Unknown implements ITypeConverter<UnknownDomain> {
    @Override
    public UnknownDomain convert(String text) {
      return switch (text) {
        case "allow" -> UnknownDomain.ALLOW;
        case "deny" -> UnknownDomain.DENY;
        case "error" -> UnknownDomain.ERROR;
        default -> throw bad(text, "an answer", "use allow, deny or error");
      };
    }
  }

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

  public static Duration duration(String text, Duration least, Duration most, String bound) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw bad(text, "a duration", "write for example 15ms, 10s or 1m");
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        };
    if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
      throw new TypeConversionException("%s is out of range; %s".formatted(text, bound));
    }
    return duration;
  }

  private static String filled(String text) {
    if (text.isEmpty()) {
      throw new TypeConversionException("the value is empty; write one, or leave the option out");
    }
    return text;
  }

  /** A whole number from 0; -1 stands for what is none, and for what passes 2^63. */
  static long number(String text) {
    try {
      return text.startsWith("-") ? -1 : Long.parseLong(text.replace("_", ""));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  public static TypeConversionException bad(String text, String type, String remedy) {
    return new TypeConversionException("\"%s\" is not %s; %s".formatted(text, type, remedy));
  }
}
