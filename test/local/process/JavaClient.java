import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DeleteRequest;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.PutRequest;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.Select;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * Java's SDK over every operation of the local database that a function may use. Endpoint, region and credentials come
 * from the environment, as in a function. Prints what it found as lines of a name and a value.
 */
public final class JavaClient {
  private static final String TABLE = "java-flock";
  private static final Map<String, String> FOUND = new TreeMap<>();

  public static void main(String[] arguments) {
    try (DynamoDbClient client = DynamoDbClient.builder().httpClientBuilder(UrlConnectionHttpClient.builder()).build()) {
      create(client);
      writeOne(client);
      writeMany(client);
      read(client);
      update(client);
      delete(client);
    }
    FOUND.forEach((name, value) -> System.out.println(name + " " + value));
  }

  private static void create(DynamoDbClient client) {
    client.createTable(request -> request.tableName(TABLE).billingMode(BillingMode.PAY_PER_REQUEST)
        .attributeDefinitions(attribute("shed", ScalarAttributeType.S), attribute("tattoo", ScalarAttributeType.N))
        .keySchema(key("shed", KeyType.HASH), key("tattoo", KeyType.RANGE)));
    client.waiter().waitUntilTableExists(request -> request.tableName(TABLE));
    FOUND.put("isListed", Boolean.toString(client.listTablesPaginator().tableNames().stream().anyMatch(TABLE::equals)));
    FOUND.put("status", client.describeTable(request -> request.tableName(TABLE)).table().tableStatusAsString());
  }

  private static void writeOne(DynamoDbClient client) {
    for (int attempt = 0; attempt < 2; attempt++) {
      try {
        client.putItem(request -> request.tableName(TABLE).item(sheep("18446744073709551615", 80))
            .conditionExpression("attribute_not_exists(tattoo)"));
        FOUND.put("put", "once");
      } catch (ConditionalCheckFailedException taken) {
        FOUND.put("putAgain", taken.awsErrorDetails().errorCode());
      }
    }
  }

  private static void writeMany(DynamoDbClient client) {
    List<WriteRequest> puts = new ArrayList<>();
    for (int tattoo = 1; tattoo <= 20; tattoo++) {
      PutRequest put = PutRequest.builder().item(sheep(Integer.toString(tattoo), 100 + tattoo)).build();
      puts.add(WriteRequest.builder().putRequest(put).build());
    }
    var left = client.batchWriteItem(request -> request.requestItems(Map.of(TABLE, puts))).unprocessedItems();
    FOUND.put("batchUnprocessed", Integer.toString(left.size()));
  }

  private static void read(DynamoDbClient client) {
    var one = client.getItem(request -> request.tableName(TABLE).key(keyOf("18446744073709551615")).consistentRead(true));
    FOUND.put("get", one.item().get("tattoo").n() + "," + one.item().get("name").s());
    FOUND.put("getMissing", Boolean.toString(client.getItem(r -> r.tableName(TABLE).key(keyOf("99"))).hasItem()));
    var keys = KeysAndAttributes.builder().keys(List.of(keyOf("3"), keyOf("4"), keyOf("98"))).build();
    var many = client.batchGetItem(request -> request.requestItems(Map.of(TABLE, keys)));
    FOUND.put("batchGet", Integer.toString(many.responses().get(TABLE).size()));
    var heavy = client.queryPaginator(request -> request.tableName(TABLE).limit(7)
        .keyConditionExpression("shed = :shed and tattoo between :low and :high")
        .filterExpression("weight > :weight")
        .expressionAttributeValues(Map.of(":shed", text("north"), ":low", number("1"), ":high", number("20"),
            ":weight", number("110"))));
    FOUND.put("query", heavy.items().stream().count() + " on " + heavy.stream().count() + " pages");
    FOUND.put("scan", Long.toString(client.scanPaginator(r -> r.tableName(TABLE).limit(6)).items().stream().count()));
    int counted = 0;
    for (int segment = 0; segment < 2; segment++) {
      int number = segment;
      counted += client.scan(r -> r.tableName(TABLE).select(Select.COUNT).segment(number).totalSegments(2)).count();
    }
    FOUND.put("scanCount", Integer.toString(counted));
    try {
      client.getItem(request -> request.tableName("nobody").key(keyOf("1")));
    } catch (ResourceNotFoundException missing) {
      FOUND.put("missingTable", missing.awsErrorDetails().errorCode());
    }
  }

  private static void update(DynamoDbClient client) {
    var updated = client.updateItem(request -> request.tableName(TABLE).key(keyOf("7"))
        .updateExpression("SET weight = weight + :more, #n = :name")
        .expressionAttributeNames(Map.of("#n", "name"))
        .expressionAttributeValues(Map.of(":more", number("0.5"), ":name", text("Zoë")))
        .returnValues(ReturnValue.ALL_NEW));
    FOUND.put("update", updated.attributes().get("weight").n() + "," + updated.attributes().get("name").s());
  }

  private static void delete(DynamoDbClient client) {
    var old = client.deleteItem(request -> request.tableName(TABLE).key(keyOf("7"))
        .conditionExpression("attribute_exists(tattoo)").returnValues(ReturnValue.ALL_OLD));
    FOUND.put("delete", old.attributes().get("weight").n());
    try {
      client.deleteItem(r -> r.tableName(TABLE).key(keyOf("7")).conditionExpression("attribute_exists(tattoo)"));
    } catch (ConditionalCheckFailedException gone) {
      FOUND.put("deleteAgain", gone.awsErrorDetails().errorCode());
    }
    DeleteRequest eight = DeleteRequest.builder().key(keyOf("8")).build();
    client.batchWriteItem(request -> request.requestItems(
        Map.of(TABLE, List.of(WriteRequest.builder().deleteRequest(eight).build()))));
    FOUND.put("left", Integer.toString(client.scan(request -> request.tableName(TABLE).select(Select.COUNT)).count()));
    client.deleteTable(request -> request.tableName(TABLE));
    client.waiter().waitUntilTableNotExists(request -> request.tableName(TABLE));
  }

  private static Map<String, AttributeValue> sheep(String tattoo, int weight) {
    return Map.of("shed", text("north"), "tattoo", number(tattoo), "weight", number(Integer.toString(weight)),
        "name", text("Ænne"));
  }

  private static Map<String, AttributeValue> keyOf(String tattoo) {
    return Map.of("shed", text("north"), "tattoo", number(tattoo));
  }

  private static AttributeValue text(String value) {
    return AttributeValue.fromS(value);
  }

  private static AttributeValue number(String digits) {
    return AttributeValue.fromN(digits);
  }

  private static AttributeDefinition attribute(String name, ScalarAttributeType type) {
    return AttributeDefinition.builder().attributeName(name).attributeType(type).build();
  }

  private static KeySchemaElement key(String name, KeyType type) {
    return KeySchemaElement.builder().attributeName(name).keyType(type).build();
  }
}
