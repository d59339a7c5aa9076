package io.limiter.server.audit;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.TreeMap;

/** The form of a line. Every line has every field, and none is longer than these bounds allow. */
final class AuditJson {
  /** The most characters of a text that a caller chose. */
  private static final int LONGEST = 256;

  private static final int MOST_ENTRIES = 64;
  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

  private AuditJson() {}

  /** A line with its end, in UTF-8. */
  static byte[] line(Instant time, AuditEvent event) {
    JsonObject line = new JsonObject();
    line.addProperty("time", time.truncatedTo(ChronoUnit.MILLIS).toString());
    line.addProperty("what", event.what().word());
    line.add("method", text(event.method()));
    line.add("caller", text(event.caller()));
    line.add("by", text(event.by()));
    line.add("host", text(event.origin().host()));
    line.add("domain", text(event.domain()));
    JsonObject attributes = new JsonObject();
    new TreeMap<>(event.attributes())
        .entrySet().stream()
            .limit(MOST_ENTRIES)
            .forEach(entry -> attributes.addProperty(cut(entry.getKey()), cut(entry.getValue())));
    line.add("attributes", attributes);
    JsonArray rules = new JsonArray();
    event.rules().stream().limit(MOST_ENTRIES).forEach(rule -> rules.add(cut(rule)));
    line.add("rules", rules);
    line.addProperty("outcome", event.outcome());
    line.add("count", event.count() < 0 ? JsonNull.INSTANCE : new JsonPrimitive(event.count()));
    line.add("trace", text(event.origin().trace()));
    return (GSON.toJson(line) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static JsonElement text(String text) {
    return text.isEmpty() ? JsonNull.INSTANCE : new JsonPrimitive(cut(text));
  }

  private static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
  }
}
