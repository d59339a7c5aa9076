package io.limiter.server.cli;

import com.google.common.net.HostAndPort;
import com.google.protobuf.ByteString;
import io.limiter.server.api.RateLimitHeaders;
import io.limiter.server.decide.DescriptorRequest;
import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.envoy.TooLarge;
import io.limiter.server.store.endpoint.RedisEndpoint;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What the options may be. Each message says the value, the bound and what to write. */
final class OptionTypes {
  private OptionTypes() {}

  /** A TCP port; 0 for any free one. */
  static final class Port implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      long port = number(text);
      if (port < 0 || port > 65_535) {
        throw bad(text, "a port", "use 1 to 65535, or 0 for any free one");
      }
      return (int) port;
    }
  }

  /** An address of this machine. */
  static final class Bind implements ITypeConverter<InetAddress> {
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
  static final class Redis implements ITypeConverter<String> {
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
  static final class Text implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      return filled(text);
    }
  }

  /** A file or a directory. An empty path would be the folder that the program was started in. */
  static final class File implements ITypeConverter<Path> {
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
  static final class Deadline implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return duration(text, Duration.ofMillis(1), Duration.ofMinutes(1), "use 1ms to 1m");
    }
  }

  /** How long a denial stays cached. */
  static final class CacheTime implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return duration(text, Duration.ZERO, Duration.ofMinutes(1), "use 0s to 1m");
    }
  }

  /** How often to look for changes. */
  static final class Poll implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return duration(text, Duration.ofMillis(100), Duration.ofHours(1), "use 100ms to 1h");
    }
  }

  /** How long to wait for calls in flight. */
  static final class Grace implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      return duration(text, Duration.ZERO, Duration.ofMinutes(10), "use 0s to 10m");
    }
  }

  /** On or off. */
  static final class Switch implements ITypeConverter<Boolean> {
    @Override
    public Boolean convert(String text) {
      return switch (text) {
        case "true" -> true;
        case "false" -> false;
        default -> throw bad(text, "a switch", "use true or false");
      };
    }
  }

  /** Groups of headers, by their names and commas. */
  static final class Headers implements ITypeConverter<Set<RateLimitHeaders.Group>> {
    @Override
    public Set<RateLimitHeaders.Group> convert(String text) {
      Set<RateLimitHeaders.Group> groups = EnumSet.noneOf(RateLimitHeaders.Group.class);
      if (text.equals("none")) {
        return groups;
      }
      for (String name : text.split(",", -1)) {
        groups.add(
            switch (name.strip()) {
              case "ratelimit" -> RateLimitHeaders.Group.RATELIMIT;
              case "ratelimit-limit" -> RateLimitHeaders.Group.RATELIMIT_LIMIT;
              case "x-ratelimit" -> RateLimitHeaders.Group.X_RATELIMIT;
              case "retry-after" -> RateLimitHeaders.Group.RETRY_AFTER;
              default ->
                  throw bad(
                      text,
                      "a list of headers",
                      "use ratelimit, ratelimit-limit, x-ratelimit and retry-after with commas between,"
                          + " or none");
            });
      }
      return groups;
    }
  }

  /** Three names of headers, by commas. */
  static final class HeaderNames implements ITypeConverter<RateLimitHeaders.Names> {
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}");

    @Override
    public RateLimitHeaders.Names convert(String text) {
      List<String> names = Arrays.stream(text.split(",", -1)).map(String::strip).toList();
      if (names.size() != 3
          || Set.copyOf(names).size() != 3
          || !names.stream().allMatch(name -> NAME.matcher(name).matches())) {
        throw bad(
            text,
            "three names of headers",
            "write for example RateLimit-Limit,RateLimit-Remaining,RateLimit-Reset");
      }
      return new RateLimitHeaders.Names(names.get(0), names.get(1), names.get(2));
    }
  }

  /** What becomes of denials for Envoy. */
  static final class RlsMode implements ITypeConverter<DescriptorRequest.Leniency> {
    @Override
    public DescriptorRequest.Leniency convert(String text) {
      return switch (text) {
        case "enforce" -> DescriptorRequest.Leniency.NONE;
        case "shadow" -> DescriptorRequest.Leniency.SHADOW;
        case "quota" -> DescriptorRequest.Leniency.QUOTA;
        default -> throw bad(text, "a mode", "use enforce, shadow or quota");
      };
    }
  }

  /** What becomes of questions about unknown domains. */
  static final class Unknown implements ITypeConverter<UnknownDomain> {
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

  /** What becomes of Envoy's requests that are too large. */
  static final class RlsTooLarge implements ITypeConverter<TooLarge> {
    @Override
    public TooLarge convert(String text) {
      return switch (text) {
        case "deny" -> TooLarge.DENY;
        case "allow" -> TooLarge.ALLOW;
        case "error" -> TooLarge.ERROR;
        default -> throw bad(text, "an answer", "use deny, allow or error");
      };
    }
  }

  /** A cost; the service says what it takes at most. */
  static final class Cost implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      long cost = number(text);
      if (cost < 0) {
        throw bad(text, "a cost", "use a whole number from 0");
      }
      return cost;
    }
  }

  /** A cost in a unit. */
  static final class UnitCost implements ITypeConverter<Map.Entry<String, Long>> {
    @Override
    public Map.Entry<String, Long> convert(String text) {
      int equals = text.indexOf('=');
      long cost = equals < 1 ? -1 : number(text.substring(equals + 1));
      if (cost < 0) {
        throw bad(text, "UNIT=N", "write for example tokens=1500");
      }
      return Map.entry(text.substring(0, equals), cost);
    }
  }

  /** What names a charge: 18 bytes, as a response carries them. */
  static final class ReceiptBytes implements ITypeConverter<ByteString> {
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{36}");
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]{24}");

    @Override
    public ByteString convert(String text) {
      if (HEX.matcher(text).matches()) {
        return ByteString.copyFrom(HexFormat.of().parseHex(text));
      }
      if (BASE64.matcher(text).matches()) {
        return ByteString.copyFrom(Base64.getDecoder().decode(text));
      }
      throw bad(
          text,
          "a receipt",
          "pass the 36 hexadecimal digits of \"limiter check --receipt\", or the base64 of its JSON");
    }
  }

  /** Where the service answers gRPC. */
  static final class Target implements ITypeConverter<HostAndPort> {
    @Override
    public HostAndPort convert(String text) {
      return hostAndPort(text, 8081);
    }
  }

  /** Where the service answers HTTP. */
  static final class HttpTarget implements ITypeConverter<HostAndPort> {
    @Override
    public HostAndPort convert(String text) {
      return hostAndPort(text, 8080);
    }
  }

  private static HostAndPort hostAndPort(String text, int usual) {
    try {
      HostAndPort target = HostAndPort.fromString(text);
      if (target.hasPort() && !target.getHost().isEmpty()) {
        return target;
      }
    } catch (IllegalArgumentException e) {
      throw notHostAndPort(text, usual);
    }
    throw notHostAndPort(text, usual);
  }

  private static TypeConversionException notHostAndPort(String text, int usual) {
    return bad(text, "HOST:PORT", "write for example 127.0.0.1:" + usual);
  }

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

  static Duration duration(String text, Duration least, Duration most, String bound) {
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
  private static long number(String text) {
    try {
      return text.startsWith("-") ? -1 : Long.parseLong(text.replace("_", ""));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  static TypeConversionException bad(String text, String type, String remedy) {
    return new TypeConversionException("\"%s\" is not %s; %s".formatted(text, type, remedy));
  }
}
