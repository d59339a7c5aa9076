package io.limiter.server.rules.syntax;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the parts of a JSON Schema. */
public final class Subschema {
  /** A count, as a part of a pattern. */
  public static final String DIGITS = "[0-9]+(_[0-9]+)*";

  private Subschema() {}

  /**
   * An object of these fields and no others.
   *
   * @throws IllegalStateException when a field has no shape, or a shape no field
   */
  public static JsonObject object(
      List<String> fields, Map<String, JsonObject> shapes, List<String> required) {
    if (!shapes.keySet().equals(Set.copyOf(fields))) {
      throw new IllegalStateException("fields " + fields + " and shapes " + shapes.keySet());
    }
    JsonObject properties = new JsonObject();
    fields.forEach(field -> properties.add(field, shapes.get(field)));
    JsonObject object = new JsonObject();
    object.addProperty("type", "object");
    object.add("properties", properties);
    object.addProperty("additionalProperties", false);
    if (!required.isEmpty()) {
      object.add("required", strings(required));
    }
    return object;
  }

  /** Anything, described. */
  public static JsonObject described(String description) {
    return one("description", new JsonPrimitive(description));
  }

  /** A text of a pattern. */
  public static JsonObject text(String pattern, String description) {
    JsonObject text = described(description);
    text.addProperty("type", "string");
    text.addProperty("pattern", pattern);
    return text;
  }

  /** A share, 0% to 100% with two decimals at most. */
  public static JsonObject percent(String description) {
    return text("^[0-9]{1,3}([.][0-9]{1,2})?%$", description);
  }

  /** A count as the readers take it: with or without underscores, quoted or not. */
  public static JsonObject count(String description) {
    JsonObject count = described(description);
    count.add("type", strings(List.of("integer", "string")));
    count.addProperty("minimum", 0);
    count.addProperty("maximum", 1L << 52);
    count.addProperty("pattern", "^" + DIGITS + "$");
    return count;
  }

  /** A day of a month, quoted or not, or an attribute in braces. */
  public static JsonObject dayOrAttribute(String description) {
    JsonObject day = described(description);
    day.add("type", strings(List.of("integer", "string")));
    day.addProperty("minimum", 1);
    day.addProperty("maximum", 31);
    day.addProperty("pattern", "^(0?[1-9]|[12][0-9]|3[01]|[{][^\\s]{1,64}[}])$");
    return day;
  }

  /** True or false, quoted or not. */
  public static JsonObject flag(String description) {
    JsonObject flag = described(description);
    JsonArray values = new JsonArray();
    values.add(true);
    values.add(false);
    values.add("true");
    values.add("false");
    flag.add("enum", values);
    return flag;
  }

  /** One of some words. */
  public static JsonObject choice(Collection<String> words, String description) {
    JsonObject choice = described(description);
    choice.add("enum", strings(words));
    return choice;
  }

  /** A list of at least so many elements. */
  public static JsonObject list(JsonObject elements, int least, String description) {
    JsonObject list = described(description);
    list.addProperty("type", "array");
    list.add("items", elements);
    list.addProperty("minItems", least);
    return list;
  }

  /** What YAML takes for a text, a number or a truth value: the readers take each as text. */
  public static JsonObject scalar() {
    return one("type", strings(List.of("string", "number", "boolean")));
  }

  /** The same, or nothing behind the colon. */
  public static JsonObject orNothing(JsonObject scalar) {
    scalar.getAsJsonArray("type").add("null");
    return scalar;
  }

  /** One of the schema's own definitions. */
  public static JsonObject ref(String name) {
    return one("$ref", new JsonPrimitive("#/$defs/" + name));
  }

  /** An object of one entry. */
  public static JsonObject one(String key, JsonElement value) {
    JsonObject object = new JsonObject();
    object.add(key, value);
    return object;
  }

  public static JsonArray strings(Collection<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }
}
