package io.limiter.server.rules.profile.file;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.limiter.server.header.HeaderGroup;
import io.limiter.server.rules.DenialKind;
import io.limiter.server.rules.profile.ClientAddress;
import io.limiter.server.rules.profile.OnNoDecision;
import io.limiter.server.rules.syntax.Subschema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The part of the JSON Schema for files of profiles, made of the readers' lists of fields. */
public final class ProfileSchema {
  /** What tells such a file. */
  public static final String FIELD = ProfileFile.AUTHORIZE;

  private static final String NAME = "^[A-Za-z0-9._-]{1,64}$";
  private static final String HEADER = "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$";

  private ProfileSchema() {}

  /** Of a whole file; refers to the definition {@code profile}. */
  public static JsonObject file() {
    JsonObject profiles = map(NAME, Subschema.ref("profile"), "Profiles by name.");
    profiles.addProperty("maxProperties", ProfileFile.MOST);
    return Subschema.object(
        ProfileFile.FIELDS, Map.of(ProfileFile.AUTHORIZE, profiles), ProfileFile.FIELDS);
  }

  /** Of one profile. */
  public static JsonObject profile() {
    Map<String, JsonObject> shapes = new HashMap<>();
    JsonObject attributes =
        map("^[^\\s]{1,64}$", source(), "Attributes of the question, and where each is from.");
    attributes.addProperty("maxProperties", AttributesReader.MOST);
    shapes.put("domain", Subschema.text(NAME, "The domain whose rules decide."));
    shapes.put("attributes", attributes);
    shapes.put(
        "client-address-from",
        Subschema.text(HEADER, "X-Forwarded-For, Forwarded, or a header of one address."));
    shapes.put(
        "trusted-proxies",
        range(0, ClientAddress.MOST_TRUSTED, "So many proxies wrote that header."));
    shapes.put("method-header", Subschema.text(HEADER, "Holds the original method, or none."));
    shapes.put("uri-header", Subschema.text(HEADER, "Holds the original URI, or none."));
    shapes.put("host-header", Subschema.text(HEADER, "Holds the original host, or none."));
    shapes.put("cost", cost());
    shapes.put(
        "deadline-headers",
        Subschema.flag("Whether headers are believed that say how long the gateway waits."));
    shapes.put("on-denial", onDenial());
    shapes.put(
        "on-no-decision",
        Subschema.choice(OnNoDecision.BY_WORD.keySet(), "When nothing can be decided."));
    shapes.put("headers", headers());
    return Subschema.object(ProfileReader.FIELDS, shapes, List.of("domain", "attributes"));
  }

  private static JsonObject range(int least, int most, String description) {
    JsonObject count = Subschema.count(description);
    count.addProperty("minimum", least);
    count.addProperty("maximum", most);
    return count;
  }

  private static JsonObject map(String names, JsonObject values, String description) {
    JsonObject map = Subschema.described(description);
    map.addProperty("type", "object");
    map.add("propertyNames", Subschema.one("pattern", new JsonPrimitive(names)));
    map.add("additionalProperties", values);
    return map;
  }

  private static JsonObject source() {
    Map<String, JsonObject> shapes = new HashMap<>();
    Map<String, JsonObject> prefixes =
        Map.of(
            "v4", range(0, 32, "Bits of an IPv4 address."),
            "v6", range(0, 128, "Bits of an IPv6 address."));
    shapes.put("header", Subschema.text(HEADER, "A header of the request."));
    shapes.put(
        "client-address", Subschema.object(AttributesReader.PREFIX_FIELDS, prefixes, List.of()));
    shapes.put(
        "path-segment", range(1, AttributesReader.MOST_SEGMENTS, "The number of a segment."));
    shapes.put("query", Subschema.scalar());
    shapes.put("value", Subschema.scalar());
    shapes.put("default", Subschema.scalar());
    JsonObject mapping = Subschema.object(AttributesReader.FIELDS, shapes, List.of());
    JsonArray one = new JsonArray();
    for (String field : AttributesReader.FIELDS) {
      if (!field.equals("default")) {
        one.add(Subschema.one("required", Subschema.strings(List.of(field))));
      }
    }
    mapping.add("oneOf", one);
    return anyOf(
        Subschema.choice(AttributesReader.WORDS.keySet(), "A part of the request."), mapping);
  }

  private static JsonObject anyOf(JsonObject one, JsonObject other) {
    JsonArray either = new JsonArray();
    either.add(one);
    either.add(other);
    return Subschema.one("anyOf", either);
  }

  private static JsonObject cost() {
    Map<String, JsonObject> shapes =
        Map.of(
            "header", Subschema.text(HEADER, "Holds the cost; 1 without it."),
            "most", Subschema.count("The most that it may be."));
    return anyOf(
        Subschema.count("What each request costs."),
        Subschema.object(ProfileReader.COST_FIELDS, shapes, ProfileReader.COST_FIELDS));
  }

  private static JsonObject onDenial() {
    Map<String, JsonObject> shapes = new HashMap<>();
    for (DenialKind kind : DenialKind.values()) {
      shapes.put(kind.word(), range(400, 599, "The status of such a denial."));
    }
    shapes.put(
        TellingReader.GATEWAY_STATUS, range(400, 599, "What the gateway gets in its place."));
    return Subschema.object(TellingReader.DENIAL_FIELDS, shapes, List.of());
  }

  private static JsonObject headers() {
    Map<String, JsonObject> shapes =
        Map.of(
            "groups",
            Subschema.list(
                Subschema.choice(HeaderGroup.BY_WORD.keySet(), "Headers that come together."),
                0,
                "Which are sent; [] for none."),
            "retry-after",
            Subschema.choice(TellingReader.RETRY_AFTER.keySet(), "How Retry-After is written."),
            "reset",
            Subschema.choice(TellingReader.RESET.keySet(), "How the reset is written."),
            "names",
            Subschema.list(
                Subschema.text(HEADER, "The name of a header."),
                3,
                "Those of ratelimit-limit: limit, remaining, reset."),
            "when-admitted",
            Subschema.flag("Whether what is admitted has them too; true if left out."));
    return Subschema.object(TellingReader.HEADER_FIELDS, shapes, List.of());
  }
}
