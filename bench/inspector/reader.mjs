// A viewer in a process of its own: reads the frames and throws them away. Argument: the inspector's address.
const response = await fetch(new URL('frames', process.argv[2]));
for await (const _ of response.body);
