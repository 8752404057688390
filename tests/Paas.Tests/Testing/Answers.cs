using System.Net;
using Paas.Client;

namespace Paas.Testing;

/// <summary>Reading answers of the API in tests.</summary>
internal static class Answers
{
    public static async Task<T> ReadAsync<T>(this Task<HttpResponseMessage> request, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var response = await request;
        Assert.Equal(status, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<T>(TestContext.Current.CancellationToken))!;
    }

    /// <summary>An error in the shape that every error has.</summary>
    public static async Task<Problem> ProblemAsync(this Task<HttpResponseMessage> request, HttpStatusCode status)
    {
        using var response = await request;
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = (await response.Content.ReadFromJsonAsync<Problem>(TestContext.Current.CancellationToken))!;
        Assert.Equal((int)status, problem.Status);
        Assert.False(string.IsNullOrEmpty(problem.Code));
        Assert.False(string.IsNullOrEmpty(problem.Detail));
        return problem;
    }
}
