// GraphQL over the model, executed by GitHub's published schema: what it answers is valid, or is no answer.
import { schema as publishedSchema } from "@octokit/graphql-schema";
import { buildSchema, GraphQLError, type GraphQLSchema, graphql, parse, validate } from "graphql";
import type { ModelPull, ModelRepository } from "./model.ts";

let known: GraphQLSchema | undefined;
function published(): GraphQLSchema {
  known ??= buildSchema(publishedSchema.idl, { assumeValid: true });
  return known;
}

const refused = (type: string, message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { type } });

function issueNode(name: string | null): unknown {
  const [, repo, number] = /^(.+)#(\d+)$/.exec(name ?? "") ?? [];
  if (repo === undefined)
    return refused("FORBIDDEN", "Although you appear to have the correct authorization credentials");
  return { number: Number(number), repository: { nameWithOwner: repo } };
}

function pullNode(pull: ModelPull, url: string): object {
  const { number, title, body, createdAt, mergedAt, base, head, merge } = pull;
  const commits = pull.commits.map(({ sha, message, authoredAt, parents }) => ({
    commit: { oid: sha, message, authoredDate: authoredAt, parents: { totalCount: parents.length } },
  }));
  return {
    ...{ number, title, body: body ?? "", url: `${url}/pull/${number}`, createdAt, mergedAt },
    ...{ baseRefOid: base, headRefOid: head, mergeCommit: merge === null ? null : { oid: merge } },
    closingIssuesReferences: ({ first }: { first: number }) => ({
      ...{ totalCount: pull.closes.length, nodes: pull.closes.slice(0, first).map(issueNode) },
    }),
    commits: ({ first }: { first: number }) => ({
      totalCount: commits.length,
      nodes: commits.slice(0, first),
    }),
  };
}

interface PullArguments {
  readonly states: readonly string[];
  readonly first: number;
  readonly after?: string | null;
  readonly orderBy: { readonly field: string; readonly direction: string };
}

/** A cursor is the number of the last one before: what is merged meanwhile moves nothing. */
function pullsOf({ pulls }: ModelRepository, url: string) {
  return ({ states, first, after, orderBy }: PullArguments) => {
    if (states.join() !== "MERGED" || orderBy.field !== "CREATED_AT" || orderBy.direction !== "DESC")
      throw new Error(`this server lists merged ones, newest first, and no ${states.join()}`);
    const before = after == null ? Number.POSITIVE_INFINITY : Number(Buffer.from(after, "base64").toString());
    const all = pulls
      .filter(({ mergedAt, number }) => mergedAt !== null && number < before)
      .sort((one, other) => other.number - one.number);
    const page = all.slice(0, first);
    const last = page.at(-1);
    return {
      nodes: page.map((pull) => pullNode(pull, url)),
      pageInfo: {
        hasNextPage: all.length > page.length,
        endCursor: last === undefined ? null : Buffer.from(String(last.number)).toString("base64"),
      },
    };
  };
}

/** @param find by a name it has, or had */
export async function graphAnswer(
  body: { readonly query: string; readonly variables: Readonly<Record<string, unknown>> },
  find: (name: string) => { readonly repository: ModelRepository; readonly url: string } | undefined,
): Promise<{ readonly answer: object; readonly problems: string[] }> {
  const schema = published();
  const problems = validate(schema, parse(body.query)).map(({ message }) => message);
  const rootValue = {
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const found = find(`${owner}/${name}`);
      if (found === undefined)
        return refused("NOT_FOUND", `Could not resolve to a Repository with the name '${owner}/${name}'.`);
      const { pulls, name: nameWithOwner } = found.repository;
      const pullRequest = ({ number }: { number: number }) => {
        const own = pulls.find((each) => each.number === number);
        const unknown = `Could not resolve to a PullRequest with the number of ${number}.`;
        return own === undefined ? refused("NOT_FOUND", unknown) : pullNode(own, found.url);
      };
      return { nameWithOwner, pullRequest, pullRequests: pullsOf(found.repository, found.url) };
    },
  };
  const { data, errors } = await graphql({
    schema,
    source: body.query,
    rootValue,
    variableValues: body.variables,
  });
  const told = (errors ?? []).map(({ message, path, extensions }) => ({
    type: extensions.type,
    message,
    path,
  }));
  problems.push(...told.filter(({ type }) => type === undefined).map(({ message }) => message));
  return { answer: { data, ...(told.length === 0 ? {} : { errors: told }) }, problems };
}
