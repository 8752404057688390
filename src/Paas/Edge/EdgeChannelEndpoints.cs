using Paas.Routing;

namespace Paas.Edge;

/// <summary>What control asks of the edge (architecture, "Control -> edge").</summary>
internal static class EdgeChannelEndpoints
{
    extension(IEndpointRouteBuilder app)
    {
        public void MapEdgeChannel(LiveTable table)
        {
            app.MapPut("/table", (RouteTable sent) => table.Take(sent) is { } number
                ? Results.Json(new EdgeState(number), RoutingJson.Default.EdgeState)
                : Results.Text($"Table {sent.Number} is of boot {sent.BootId}, which is over.", statusCode: StatusCodes.Status409Conflict));
            app.MapGet("/ping", () => Results.Json(new EdgeState(table.Number), RoutingJson.Default.EdgeState));
            app.MapGet("/counts", () => Results.Json(table.Counts(), RoutingJson.Default.EdgeCounts));
            app.MapGet("/inflight", () => Results.Json(table.InFlight(), RoutingJson.Default.DictionaryStringInt32));
        }
    }
}
