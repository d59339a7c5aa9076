package io.limiter.client.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.limiter.client.spring.autoconfigure.LimiterClientProperties;
import io.limiter.client.spring.autoconfigure.LimiterWebProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Editors know each property and what it is for; the page lists each with its default. */
class MetadataTest {
  private static final Path METADATA =
      Path.of("target", "classes", "META-INF", "spring-configuration-metadata.json");
  private static final Path PAGE = Path.of("..", "..", "docs", "spring.md");

  private static Map<String, JsonObject> properties() throws IOException {
    Map<String, JsonObject> properties = new TreeMap<>();
    JsonObject metadata = JsonParser.parseString(Files.readString(METADATA)).getAsJsonObject();
    for (JsonElement property : metadata.getAsJsonArray("properties")) {
      properties.put(
          property.getAsJsonObject().get("name").getAsString(), property.getAsJsonObject());
    }
    return properties;
  }

  @Test
  void eachProperty_isDescribed() throws Exception {
    Map<String, JsonObject> properties = properties();
    TreeSet<String> expected = new TreeSet<>();
    for (var component : LimiterClientProperties.class.getRecordComponents()) {
      if (component.getType().isRecord()) {
        for (var inner : component.getType().getRecordComponents()) {
          expected.add("limiter.client." + component.getName() + "." + kebab(inner.getName()));
        }
      } else {
        expected.add("limiter.client." + kebab(component.getName()));
      }
    }
    for (var component : LimiterWebProperties.class.getRecordComponents()) {
      expected.add("limiter.client.web." + kebab(component.getName()));
    }
    expected.add("management.health.limiter.enabled");
    assertEquals(expected, new TreeSet<>(properties.keySet()));
    properties.forEach(
        (name, property) -> {
          String description =
              property.has("description") ? property.get("description").getAsString() : "";
          assertTrue(description.endsWith("."), () -> name + ": " + description);
        });
  }

  @Test
  void thePage_listsEachProperty_withItsDefault() throws Exception {
    String page = Files.readString(PAGE);
    properties()
        .forEach(
            (name, property) -> {
              String value =
                  property.has("defaultValue") ? property.get("defaultValue").getAsString() : "";
              String row =
                  value.isEmpty() || value.equals("[]")
                      ? "| `" + name + "` | |"
                      : "| `" + name + "` | `" + value + "` |";
              assertTrue(page.contains(row), () -> "no row " + row);
            });
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
  }
}
