package io.limiter.server.access.file;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.limiter.server.rules.syntax.Subschema;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The JSON Schema of files of callers, for editors. It is made of the readers' own lists of fields,
 * so a field without a subschema here fails, and so does a subschema without a field.
 *
 * <p>A schema checks less than the readers do: no files of keys, nothing that two callers share.
 */
public final class AccessSchema {
  private static final String NAME = "^[A-Za-z0-9_-]{1,64}$";
  private static final String LONG = "^[\\s\\S]{1,512}$";

  private AccessSchema() {}

  /** The schema, draft 2020-12, as text. */
  public static String json() {
    JsonObject schema = new JsonObject();
    schema.addProperty("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.addProperty("title", "Callers of Limiter, and what each may do");
    JsonObject file =
        Subschema.object(
            AccessFile.FIELDS,
            Map.of(
                "callers",
                list("caller", AccessFile.MOST, "Who is known; [] for nobody."),
                "anonymous",
                Subschema.ref("anonymous"),
                "issuers",
                list("issuer", AccessFile.MOST, "Who signs JSON Web Tokens.")),
            List.of("callers"));
    file.entrySet().forEach(entry -> schema.add(entry.getKey(), entry.getValue()));
    JsonObject defs = new JsonObject();
    defs.add("caller", caller());
    defs.add(
        "anonymous",
        Subschema.object(
            CallerReader.ANONYMOUS_FIELDS,
            Map.of("grants", grants(), "bounds", Subschema.ref("bounds")),
            List.of("grants")));
    defs.add(
        "subject",
        Subschema.object(
            CallerReader.SUBJECT_FIELDS,
            Map.of(
                "issuer", Subschema.text(NAME, "The name of one of issuers."),
                "subject", text("What its tokens have as sub.")),
            List.of("issuer", "subject")));
    defs.add("grant", grant());
    defs.add("bounds", bounds());
    defs.add("issuer", issuer());
    schema.add("$defs", defs);
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(schema)
        + "\n";
  }

  private static JsonObject caller() {
    JsonObject caller =
        Subschema.object(
            CallerReader.FIELDS,
            Map.of(
                "name", Subschema.text(NAME, "Its own name; tokens begin with it."),
                "certificates",
                    most(
                        Subschema.list(
                            text("A name of the kinds URI or DNS."), 0, "Names in certificates."),
                        CallerReader.MOST),
                "tokens",
                    most(
                        Subschema.list(
                            Subschema.text(
                                "^pbkdf2-sha512:[0-9]{1,7}:[A-Za-z0-9_-]{22,88}:[A-Za-z0-9_-]{43}$",
                                "As limiter access token prints it."),
                            0,
                            "Hashes of its tokens; two while one is changed."),
                        CallerReader.MOST_TOKENS),
                "jwt", list("subject", CallerReader.MOST, "Subjects of JSON Web Tokens."),
                "users",
                    most(
                        Subschema.list(
                            Subschema.count("An id of this host."), 0, "Users on the Unix socket."),
                        CallerReader.MOST),
                "grants", grants(),
                "bounds", Subschema.ref("bounds")),
            List.of("name", "grants"));
    JsonArray either = new JsonArray();
    Stream.of("certificates", "tokens", "jwt", "users").forEach(field -> either.add(toldBy(field)));
    caller.add("anyOf", either);
    return caller;
  }

  private static JsonObject toldBy(String field) {
    JsonObject some = new JsonObject();
    some.addProperty("minItems", 1);
    JsonObject told = Subschema.one("properties", Subschema.one(field, some));
    told.add("required", Subschema.strings(List.of(field)));
    return told;
  }

  private static JsonObject grants() {
    return list("grant", GrantReader.MOST, "What it may do; [] for nothing.");
  }

  private static JsonObject grant() {
    JsonObject grant =
        Subschema.object(
            GrantReader.FIELDS,
            Map.of(
                "methods",
                    Subschema.list(
                        Subschema.choice(GrantReader.METHODS.keySet(), "What it may do."),
                        0,
                        "What is granted."),
                "domains",
                    most(
                        Subschema.list(
                            Subschema.text(
                                "^[^*]{0,511}[^*]$|^[^*]{0,511}[*]$",
                                "A name, or a beginning and *."),
                            1,
                            "Where it is granted."),
                        GrantReader.MOST)),
            List.of("methods"));
    JsonObject inDomains =
        Subschema.one(
            "contains",
            Subschema.one(
                "enum",
                Subschema.strings(
                    GrantReader.METHODS.entrySet().stream()
                        .filter(method -> method.getValue().inDomains())
                        .map(Map.Entry::getKey)
                        .toList())));
    grant.add("if", Subschema.one("properties", Subschema.one("methods", inDomains)));
    grant.add("then", Subschema.one("required", Subschema.strings(List.of("domains"))));
    return grant;
  }

  private static JsonObject bounds() {
    return Subschema.object(
        CallerReader.BOUND_FIELDS,
        Map.of(
            "questions", pace("Such as 500/s."),
            "connections", Subschema.count("Open at a time, of one instance."),
            "streams", Subschema.count("Calls, streams and requests under way at a time."),
            "work", pace("Counters that its questions ask, such as 2000/s."),
            "bytes", pace("Of its messages as protobuf encodes them, such as 1000000/s."),
            "inline-counters", Subschema.count("Counters of the rules that it brings."),
            "inline-window", duration("The longest window of the rules that it brings.")),
        List.of());
  }

  private static JsonObject issuer() {
    return Subschema.object(
        IssuerReader.FIELDS,
        Map.of(
            "name", Subschema.text(NAME, "By which callers refer to it."),
            "issuer", text("What its tokens have as iss."),
            "audience", text("What tokens for this service have as aud."),
            "keys",
                Subschema.text(
                    "^.+$",
                    "A file, of a JWKS document or PEM of a public key, or the URL of such a document."),
            "leeway", duration("How far clocks may differ, to 5m. 30s without it.")),
        List.of("name", "issuer", "audience", "keys"));
  }

  private static JsonObject pace(String description) {
    return Subschema.text("^" + Subschema.DIGITS + "/s$", description);
  }

  private static JsonObject duration(String description) {
    return Subschema.text("^" + Subschema.DIGITS + "(ms|s|m|h|d)$", description);
  }

  private static JsonObject text(String description) {
    return Subschema.text(LONG, description);
  }

  private static JsonObject list(String of, int most, String description) {
    return most(Subschema.list(Subschema.ref(of), 0, description), most);
  }

  private static JsonObject most(JsonObject list, int most) {
    list.addProperty("maxItems", most);
    return list;
  }
}
