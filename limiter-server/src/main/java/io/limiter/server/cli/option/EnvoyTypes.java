package io.limiter.server.cli.option;

import io.limiter.server.decide.DescriptorRequest;
import io.limiter.server.envoy.TooLarge;
import io.limiter.server.header.HeaderGroup;
import io.limiter.server.header.HeaderNames;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.ITypeConverter;

/** What the options of Envoy's protocol may be. */
public final class EnvoyTypes {
  private EnvoyTypes() {}

  /** Groups of headers, by their names and commas. */
  public static final class Headers implements ITypeConverter<Set<HeaderGroup>> {
    @Override
    public Set<HeaderGroup> convert(String text) {
      Set<HeaderGroup> groups = EnumSet.noneOf(HeaderGroup.class);
      if (text.equals("none")) {
        return groups;
      }
      for (String name : text.split(",", -1)) {
        HeaderGroup group = HeaderGroup.BY_WORD.get(name.strip());
        if (group == null) {
          throw OptionTypes.bad(
              text,
              "a list of headers",
              "use %s with commas between, or none"
                  .formatted(String.join(", ", HeaderGroup.BY_WORD.keySet())));
        }
        groups.add(group);
      }
      return groups;
    }
  }

  /** Three names of headers, by commas. */
  public static final class Names implements ITypeConverter<HeaderNames> {
    @Override
    public HeaderNames convert(String text) {
      List<String> names = Arrays.stream(text.split(",", -1)).map(String::strip).toList();
      if (names.size() != 3
          || Set.copyOf(names).size() != 3
          || !names.stream().allMatch(HeaderNames::isName)) {
        throw OptionTypes.bad(
            text,
            "three names of headers",
            "write for example RateLimit-Limit,RateLimit-Remaining,RateLimit-Reset");
      }
      return new HeaderNames(names.get(0), names.get(1), names.get(2));
    }
  }

  /** What becomes of denials for Envoy. */
  public static final class RlsMode implements ITypeConverter<DescriptorRequest.Leniency> {
    @Override
    public DescriptorRequest.Leniency convert(String text) {
      return switch (text) {
        case "enforce" -> DescriptorRequest.Leniency.NONE;
        case "shadow" -> DescriptorRequest.Leniency.SHADOW;
        case "quota" -> DescriptorRequest.Leniency.QUOTA;
        default -> throw OptionTypes.bad(text, "a mode", "use enforce, shadow or quota");
      };
    }
  }

  /** What becomes of Envoy's requests that are too large. */
  public static final class RlsTooLarge implements ITypeConverter<TooLarge> {
    @Override
    public TooLarge convert(String text) {
      return switch (text) {
        case "deny" -> TooLarge.DENY;
        case "allow" -> TooLarge.ALLOW;
        case "error" -> TooLarge.ERROR;
        default -> throw OptionTypes.bad(text, "an answer", "use deny, allow or error");
      };
    }
  }
}
