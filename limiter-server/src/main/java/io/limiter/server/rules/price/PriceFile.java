package io.limiter.server.rules.price;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.limiter.server.rules.PriceList;
import io.limiter.server.rules.syntax.ChargeSyntax;
import io.limiter.server.rules.syntax.Subschema;
import io.limiter.server.rules.syntax.Syntax;
import io.limiter.server.rules.yaml.Fields;
import io.limiter.server.rules.yaml.Located;
import io.limiter.server.rules.yaml.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** A file of one list of prices, which rules name in {@code charge}. */
public final class PriceFile {
  /** The field that such a file is known by: the list's name. */
  public static final String PRICES = "prices";

  private static final String KEY = "key";
  private static final String ENTRIES = "entries";
  private static final String DEFAULT = "default";
  private static final List<String> FIELDS = List.of(PRICES, KEY, ENTRIES, DEFAULT);

  /** Fields of other kinds of files. */
  private static final List<String> OF_OTHERS = List.of("domain", "rules", "partition");

  /** The most entries of a list. */
  private static final int MOST = 10_000;

  /** The longest name of an entry, in characters: no longer value is looked for. */
  private static final int LONGEST_ENTRY = 256;

  private static final String EXAMPLE = "{ input_tokens: 3, output_tokens: 15 }";

  private PriceFile() {}

  /** Whether a file is one of prices. */
  public static boolean isOne(MappingNode root) {
    return root.getValue().stream()
        .anyMatch(
            field -> field.getKeyNode() instanceof ScalarNode key && key.getValue().equals(PRICES));
  }

  /**
   * Reads the list; what is wrong is a problem.
   *
   * @param file its name, for the list
   * @param heapBytes about what the list takes of the heap
   */
  public static ReadPrices read(String file, MappingNode root, long heapBytes, Problems problems) {
    int problemsBefore = problems.count();
    List<String> said = new ArrayList<>(FIELDS);
    for (NodeTuple field : root.getValue()) {
      if (field.getKeyNode() instanceof ScalarNode key && OF_OTHERS.contains(key.getValue())) {
        said.add(key.getValue());
        problems.add(
            key,
            "\"%s\" stands beside prices; write prices into a file of their own"
                .formatted(key.getValue()));
      }
    }
    Fields fields = new Fields(root, said, problems);
    Optional<Located<String>> name = fields.read(PRICES, text -> Syntax.name(PRICES, text));
    fields.missing(
        KEY, "name the attribute of a request that its entry is found by, such as model");
    Optional<Located<String>> key = fields.read(KEY, text -> Syntax.attribute(KEY, text));
    Map<String, Map<String, Long>> entries = entries(fields, problems);
    Map<String, Long> otherwise = otherwise(fields, problems);
    return new ReadPrices(
        name,
        name.flatMap(list -> key)
            .filter(attribute -> problems.count() == problemsBefore)
            .map(
                attribute ->
                    PriceList.of(
                        name.get().value(),
                        file,
                        attribute.value(),
                        entries,
                        otherwise,
                        heapBytes)));
  }

  private static Map<String, Map<String, Long>> entries(Fields fields, Problems problems) {
    fields.missing(ENTRIES, "add the prices of each, such as large: " + EXAMPLE);
    Map<String, Map<String, Long>> entries = new LinkedHashMap<>();
    Optional<MappingNode> all =
        fields.mapping(ENTRIES, "a mapping from names to prices, such as large: " + EXAMPLE);
    if (all.isEmpty()) {
      return entries;
    }
    int size = all.get().getValue().size();
    if (size == 0) {
      problems.add(all.get(), "entries is empty; add prices, such as large: " + EXAMPLE);
    } else if (size > MOST) {
      problems.add(
          all.get(),
          "entries has %d prices; use at most %d, or several lists".formatted(size, MOST));
      return entries;
    }
    for (Map.Entry<String, Node> entry : Fields.entries(all.get(), problems).entrySet()) {
      String name = entry.getKey();
      if (name.isEmpty() || name.length() > LONGEST_ENTRY) {
        problems.add(
            entry.getValue(),
            "the name of an entry has %d characters; use 1 to %d"
                .formatted(name.length(), LONGEST_ENTRY));
      }
      entries.put(name, prices("entry " + name, entry.getValue(), problems));
    }
    return entries;
  }

  /** What names no entry must cost something: a misspelt name would be free. */
  private static Map<String, Long> otherwise(Fields fields, Problems problems) {
    fields.missing(
        DEFAULT, "add what a request is charged that names no entry, such as " + EXAMPLE);
    Optional<Node> given = fields.get(DEFAULT);
    if (given.isEmpty()) {
      return Map.of();
    }
    int problemsBefore = problems.count();
    Map<String, Long> prices = prices(DEFAULT, given.get(), problems);
    if (problems.count() == problemsBefore
        && prices.values().stream().allMatch(price -> price == 0)) {
      problems.add(
          given.get(),
          "default is 0, and so whoever misspells an entry pays nothing; use a price above 0");
    }
    return prices;
  }

  private static Map<String, Long> prices(String what, Node node, Problems problems) {
    if (node instanceof MappingNode mapping) {
      return ChargeSyntax.weights(what, what + ": price of ", mapping, problems);
    }
    problems.add(
        node,
        "%s is %s; use a mapping from units to prices, such as %s"
            .formatted(what, Fields.kind(node), EXAMPLE));
    return Map.of();
  }

  /** The JSON Schema of such a file. */
  public static JsonObject schema() {
    JsonObject entries = Subschema.described("The prices of each value of that attribute.");
    entries.addProperty("type", "object");
    entries.addProperty("minProperties", 1);
    entries.addProperty("maxProperties", MOST);
    JsonObject names = Subschema.one("minLength", new JsonPrimitive(1));
    names.addProperty("maxLength", LONGEST_ENTRY);
    entries.add("propertyNames", names);
    entries.add("additionalProperties", ChargeSyntax.weights("Prices by unit."));
    return Subschema.object(
        FIELDS,
        Map.of(
            PRICES, Subschema.text("^[A-Za-z0-9._-]{1,64}$", "The name that rules charge by."),
            KEY, Subschema.text("^[^\\s]{1,64}$", "The attribute that names an entry."),
            ENTRIES, entries,
            DEFAULT, ChargeSyntax.weights("The prices of a request that names no entry.")),
        FIELDS);
  }
}
