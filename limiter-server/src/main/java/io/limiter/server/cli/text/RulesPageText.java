package io.limiter.server.cli.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.limiter.server.rules.live.RulesText;
import java.util.ArrayList;
import java.util.List;

/** The page {@code /rules} as text: the domains in force, then what is wrong with the files. */
public final class RulesPageText {
  private static final int HASH_DIGITS = 12;

  private RulesPageText() {}

  public static String of(JsonObject page) {
    List<String> lines = new ArrayList<>();
    JsonArray domains = page.getAsJsonArray("domains");
    lines.add(
        "%s in force, loaded at %s, SHA-256 %s"
            .formatted(
                RulesText.count(domains.size(), "domain"),
                time(page, "loaded_at"),
                shortened(text(page, "hash"))));
    int widest = 0;
    for (JsonElement domain : domains) {
      widest = Math.max(widest, text(domain.getAsJsonObject(), "domain").length());
    }
    for (JsonElement domain : domains) {
      lines.add(domain(domain.getAsJsonObject(), widest));
    }
    section(
        lines,
        "problems in the files as they are now; the rules above stay in force:",
        page,
        "problems");
    section(lines, "warnings:", page, "warnings");
    section(lines, "left out of the folder:", page, "left_out");
    section(lines, "refused until their files are mended:", page, "unreadable_domains");
    return String.join(System.lineSeparator(), lines);
  }

  /** A list of texts, if the page has it and it is not empty. */
  private static void section(List<String> lines, String heading, JsonObject page, String name) {
    JsonArray entries = page.has(name) ? page.getAsJsonArray(name) : new JsonArray();
    if (!entries.isEmpty()) {
      lines.add("");
      lines.add(heading);
      entries.forEach(entry -> lines.add("  " + entry.getAsString()));
    }
  }

  private static String domain(JsonObject domain, int widest) {
    String name = text(domain, "domain");
    return "  %s%s  %s from %s, since %s, SHA-256 %s"
        .formatted(
            name,
            " ".repeat(widest - name.length()),
            RulesText.count(domain.get("rules").getAsInt(), noun(text(domain, "kind"))),
            text(domain, "file"),
            time(domain, "since"),
            shortened(text(domain, "hash")));
  }

  private static String noun(String kind) {
    return kind.equals("descriptors") ? "descriptor" : "rule";
  }

  private static String shortened(String hash) {
    return hash.substring(0, Math.min(hash.length(), HASH_DIGITS));
  }

  /** Whole seconds are enough for people. */
  private static String time(JsonObject object, String field) {
    return text(object, field).replaceFirst("\\.\\d+Z$", "Z");
  }

  private static String text(JsonObject object, String field) {
    return object.get(field).getAsString();
  }
}
