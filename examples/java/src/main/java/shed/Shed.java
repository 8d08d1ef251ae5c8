package shed;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.Select;

/** The shed's table in DynamoDB: all calls that the contract allows, by one client per environment. */
final class Shed {
  /** A sheep: its tattoo as decimal text, and its weight in micrograms. */
  record Sheep(String tattoo, long weight) {}

  /** How many sheep one segment of a parallel scan should read: about five pages of 1 MB. */
  private static final long SHEEP_PER_SEGMENT = 100_000;
  /** The largest number of segments that DynamoDB accepts. */
  private static final long MAX_SEGMENTS = 1_000_000;

  private final String table = System.getenv("BACKEND_TABLE_NAME");
  private final Executor threads = Executors.newVirtualThreadPerTaskExecutor();
  private final DynamoDbClient client = DynamoDbClient.builder()
      .region(Region.of(System.getenv("AWS_REGION")))
      // Credentials are in the environment's variables. If SnapStart restored it, an endpoint of Lambda has them.
      .credentialsProvider(AwsCredentialsProviderChain.of(
          EnvironmentVariableCredentialsProvider.create(), ContainerCredentialsProvider.builder().build()))
      .httpClientBuilder(UrlConnectionHttpClient.builder())
      .build();

  /** Adds a sheep unless its tattoo exists. Returns whether it was added. */
  boolean add(String tattoo, long weight) {
    try {
      client.putItem(request -> request
          .tableName(table)
          .item(Map.of("tattoo", number(tattoo), "weight", number(Long.toString(weight))))
          .conditionExpression("attribute_not_exists(tattoo)"));
      return true;
    } catch (ConditionalCheckFailedException taken) {
      return false;
    }
  }

  /** Removes a sheep. Returns whether it existed. */
  boolean remove(String tattoo) {
    try {
      client.deleteItem(request -> request
          .tableName(table)
          .key(Map.of("tattoo", number(tattoo)))
          .conditionExpression("attribute_exists(tattoo)")
          .returnValues(ReturnValue.ALL_OLD));
      return true;
    } catch (ConditionalCheckFailedException gone) {
      return false;
    }
  }

  /** Counts the sheep by a scan of the whole table. */
  long count() {
    AtomicLong count = new AtomicLong();
    scan(Select.COUNT, page -> count.addAndGet(page.count()));
    return count.get();
  }

  /** Returns all sheep, in no particular order, by a scan of the whole table. */
  List<Sheep> all() {
    List<Sheep> all = Collections.synchronizedList(new ArrayList<>());
    scan(Select.ALL_ATTRIBUTES, page -> {
      for (Map<String, AttributeValue> item : page.items()) {
        all.add(new Sheep(item.get("tattoo").n(), Long.parseLong(item.get("weight").n())));
      }
    });
    return all;
  }

  /** Reads all pages of all segments, the segments in parallel. */
  private void scan(Select which, Consumer<ScanResponse> take) {
    long items = client.describeTable(request -> request.tableName(table)).table().itemCount();
    int segments = (int) Math.min(1 + items / SHEEP_PER_SEGMENT, MAX_SEGMENTS);
    CompletableFuture<?>[] running = IntStream.range(0, segments)
        .mapToObj(segment -> CompletableFuture.runAsync(() -> scanSegment(which, segment, segments, take), threads))
        .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(running).join();
  }

  private void scanSegment(Select which, int segment, int segments, Consumer<ScanResponse> take) {
    ScanRequest request = ScanRequest.builder()
        .tableName(table).select(which).segment(segment).totalSegments(segments).build();
    for (;;) {
      ScanResponse page = client.scan(request);
      take.accept(page);
      if (!page.hasLastEvaluatedKey() || page.lastEvaluatedKey().isEmpty()) return;
      request = request.toBuilder().exclusiveStartKey(page.lastEvaluatedKey()).build();
    }
  }

  private static AttributeValue number(String digits) {
    return AttributeValue.fromN(digits);
  }
}
