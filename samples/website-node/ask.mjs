import amqp from 'amqplib';

const [feed, listingKey] = process.argv.slice(2);
const request = { feed, listingKey, reason: 'A visitor has opened the listing.', urgent: true };

const connection = await amqp.connect(process.env.AMQP_URL);
connection.on('blocked', (why) => console.error(`The broker takes no messages now: ${why}`));
const channel = await connection.createConfirmChannel();
await channel.checkQueue('listing-photos-requested'); // What is sent to a queue that does not exist vanishes.
channel.sendToQueue('listing-photos-requested', Buffer.from(JSON.stringify(request)), {
  contentType: 'application/json',
  persistent: true,
});
await channel.waitForConfirms();
await connection.close();
