package io.limiter.server.cli.option;

import com.google.common.net.HostAndPort;
import com.google.protobuf.ByteString;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What the options of a question, and of whom it is asked, may be. */
public final class QuestionTypes {
  private QuestionTypes() {}

  /** A cost; the service says what it takes at most. */
  public static final class Cost implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      long cost = OptionTypes.number(text);
      if (cost < 0) {
        throw OptionTypes.bad(text, "a cost", "use a whole number from 0");
      }
      return cost;
    }
  }

  /** A cost in a unit. */
  public static final class UnitCost implements ITypeConverter<Map.Entry<String, Long>> {
    @Override
    public Map.Entry<String, Long> convert(String text) {
      int equals = text.indexOf('=');
      long cost = equals < 1 ? -1 : OptionTypes.number(text.substring(equals + 1));
      if (cost < 0) {
        throw OptionTypes.bad(text, "UNIT=N", "write for example tokens=1500");
      }
      return Map.entry(text.substring(0, equals), cost);
    }
  }

  /**
   * What names a charge: 18 bytes, as a response carries them; of a Cluster 2 more for each further
   * slot. What names holds begins with another byte, and is longer.
   */
  public static final class ReceiptBytes implements ITypeConverter<ByteString> {
    private static final Pattern HEX =
        Pattern.compile("(?:[0-9a-fA-F]{4}){9,73}|[cC]1(?:[0-9a-fA-F]{2}){3,65535}");
    private static final Pattern BASE64 =
        Pattern.compile("(?=(?:.{4}){6,49}$|w(?:.{4})*.{3}$)[A-Za-z0-9+/]{2,87384}={0,2}");

    @Override
    public ByteString convert(String text) {
      if (HEX.matcher(text).matches()) {
        return ByteString.copyFrom(HexFormat.of().parseHex(text));
      }
      if (BASE64.matcher(text).matches()) {
        return ByteString.copyFrom(Base64.getDecoder().decode(text));
      }
      throw OptionTypes.bad(
          text,
          "a receipt",
          "pass the hexadecimal digits, 36 or more, of \"limiter check --receipt\", or the base64 of its JSON");
    }
  }

  /** Where the service answers gRPC. */
  public static final class Target implements ITypeConverter<HostAndPort> {
    @Override
    public HostAndPort convert(String text) {
      return hostAndPort(text, 8081);
    }
  }

  /** Where the service answers HTTP. */
  public static final class HttpTarget implements ITypeConverter<HostAndPort> {
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
    return OptionTypes.bad(text, "HOST:PORT", "write for example 127.0.0.1:" + usual);
  }
}
